"""The chapter as HTML: sphinx-build -W contrib/portend/doc FOLDER."""

project = "Portend"
copyright = "the Portend authors"
root_doc = "portend"
html_theme = "classic"
html_show_sphinx = False
# Dashes and quotes as they are typed.
smartquotes = False
