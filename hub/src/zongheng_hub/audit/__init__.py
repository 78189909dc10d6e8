"""What auditors export, and content shredded on a legal basis."""
