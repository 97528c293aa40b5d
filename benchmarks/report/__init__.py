"""Tables, plots and comparisons made of the records of a campaign."""
