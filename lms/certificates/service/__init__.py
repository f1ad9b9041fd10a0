"""What can be done with certificates, by noun: issuing, versions, decisions, layouts, taking earlier ones over."""
