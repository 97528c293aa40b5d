"""Problems, neutral models and checks of the convex mixed-integer benchmark."""
