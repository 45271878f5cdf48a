import { getCollection } from "astro:content";

export const TITLE = "Bench";
export const PER_PAGE = 20;
export const MENU = [
  ["Home", "/"],
  ["First section", "/section-000/"],
  ["Alpha", "/tags/tag-alpha/"],
  ["Beta", "/tags/tag-beta/"],
  ["Gamma", "/tags/tag-gamma/"],
  ["Delta", "/tags/tag-delta/"],
  ["Epsilon", "/tags/tag-epsilon/"],
  ["Zeta", "/tags/tag-zeta/"],
  ["RSS", "/rss.xml"],
  ["Sitemap", "/sitemap.xml"],
];
const LONG = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export const iso = (date: Date) => date.toISOString().slice(0, 10);
export const long = (date: Date) => LONG.format(date);
export const posts = (await getCollection("posts")).sort((a, b) => +b.data.date - +a.data.date);
export const sections = Map.groupBy(posts, (post) => post.id.split("/")[0]);
export const tags = Map.groupBy(posts.flatMap((post) => post.data.tags.map((tag) => ({ tag, post }))), ({ tag }) => tag);
