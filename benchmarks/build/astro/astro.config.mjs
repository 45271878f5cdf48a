import { defineConfig, passthroughImageService } from "astro/config";

export default defineConfig({
  site: "https://bench.example.com",
  trailingSlash: "always",
  cacheDir: "./.cache",
  image: { service: passthroughImageService() },
  markdown: { syntaxHighlight: false },
});
