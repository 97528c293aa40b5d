"""Problems in: readers, registry, exact checker and generators."""
