"""The drawing room: pages that open without a network, and what is on them."""
