"""Settings as a record, as files, and as what is given beside these."""
