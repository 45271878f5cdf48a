const PER_PAGE = 20;
const LONG = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

const bySection = (posts) => Object.entries(Object.groupBy(posts, (post) => post.data.section));

// Node before 21 has no Object.groupBy
Object.groupBy ??= (items, key) => {
  const groups = {};
  for (const item of items) (groups[key(item)] ??= []).push(item);
  return groups;
};

const lists = (posts) =>
  bySection(posts).flatMap(([section, members]) => {
    const newest = members.toReversed();
    const total = Math.ceil(newest.length / PER_PAGE);
    return Array.from({ length: total }, (_, at) => ({
      section, total, n: at + 1, posts: newest.slice(at * PER_PAGE, (at + 1) * PER_PAGE),
    }));
  });

const neighbours = (posts) =>
  Object.fromEntries(
    bySection(posts).flatMap(([, members]) =>
      members.map((post, at) => [post.url, { prev: members[at - 1], next: members[at + 1] }]),
    ),
  );

export default function (config) {
  config.addPassthroughCopy("style.css");
  config.addFilter("iso", (date) => date.toISOString().slice(0, 10));
  config.addFilter("long", (date) => LONG.format(date));
  config.addFilter("rfc822", (date) => date.toUTCString());
  config.addFilter("newest", (posts) => posts.slice(-PER_PAGE).reverse());
  config.addCollection("lists", (api) => lists(api.getFilteredByTag("posts")));
  config.addCollection("neighbours", (api) => neighbours(api.getFilteredByTag("posts")));
  return { markdownTemplateEngine: false, htmlTemplateEngine: "njk" };
}
