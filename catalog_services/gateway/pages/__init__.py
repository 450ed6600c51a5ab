"""The Django side: health, the merged API document and its browsable form, error pages."""
