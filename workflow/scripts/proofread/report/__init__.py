"""The report: one page that opens offline and shows only what the tables hold."""
