"""Who may do what: RS256 tokens verified by every service itself, roles, admin single sign-on."""
