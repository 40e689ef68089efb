"""The demo: a whole story on a sandbox world, told by Overture and checked against what really happened."""
