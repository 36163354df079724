"""What looks wrong in a network though each row of it can be taken."""
