"""Pages and templates become text: Markdown, Jinja2, layouts."""
