def get():
    return "<feed>a &amp; b</feed>"
