"""The rules of certificates, pure: documents, versions, layouts, seals, and what two persons decide."""
