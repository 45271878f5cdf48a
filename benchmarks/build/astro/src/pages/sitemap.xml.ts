import { iso, posts, sections, tags } from "../site.ts";

export const GET = ({ site }) => {
  const entry = (path: string, date?: Date) =>
    `<url><loc>${new URL(path, site)}</loc>${date ? `<lastmod>${iso(date)}</lastmod>` : ""}</url>`;
  const entries = [
    entry("/"),
    ...posts.map((post) => entry(`/${post.id}/`, post.data.date)),
    ...[...sections.keys()].map((section) => entry(`/${section}/`)),
    ...[...tags.keys()].map((tag) => entry(`/tags/${tag}/`)),
  ];
  return new Response(`<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${entries.join("\n")}
</urlset>
`);
};
