import { PER_PAGE, posts, TITLE } from "../site.ts";

const safe = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export const GET = ({ site }) => {
  const items = posts.slice(0, PER_PAGE).map(({ id, data }) => {
    const url = new URL(`/${id}/`, site);
    return `<item><title>${safe(data.title)}</title><link>${url}</link><guid>${url}</guid><pubDate>${data.date.toUTCString()}</pubDate><description>${safe(data.description)}</description></item>`;
  });
  return new Response(`<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>${TITLE}</title>
<link>${site}</link>
<description>Newest posts</description>
${items.join("\n")}
</channel></rss>
`);
};
