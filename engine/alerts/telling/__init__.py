"""What people are told: causes, incidents, who hears of what and when, in which words."""
