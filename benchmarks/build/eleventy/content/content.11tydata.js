const section = (page) => page.filePathStem.split("/")[2];

export default {
  layout: "post.njk",
  tags: ["posts"],
  eleventyComputed: { section: ({ page }) => section(page) },
  permalink: ({ page }) => `/${section(page)}/${page.fileSlug}/index.html`,
};
