"""The rules by which a messy catalog becomes a clean one; ``base.RULES`` has every statement."""
