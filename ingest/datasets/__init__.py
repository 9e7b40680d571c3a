"""Declarations of the datasets, one module for each domain; `layouts` holds what several share."""
