"""The wire: from parameters to bytes to an exchange, and from its raw bytes to a reply."""
