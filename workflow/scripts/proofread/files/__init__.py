"""Other people's file formats, read strictly."""
