"""What every service's tests share."""
