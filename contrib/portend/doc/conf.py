"""The chapter as HTML: sphinx-build -W contrib/portend/doc FOLDER."""

project = "Portend"
copyright = "the Portend authors"
root_doc = "portend"
html_theme = "alabaster"
html_theme_options = {"page_width": "75em", "body_max_width": "none"}
html_show_sphinx = False
# Dashes and quotes as they are typed.
smartquotes = False
