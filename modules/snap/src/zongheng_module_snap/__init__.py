"""随手拍: citizens report what they see; the county deals with it."""
