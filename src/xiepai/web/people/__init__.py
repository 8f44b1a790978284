"""Pages about oneself, one's organisations, and the history of what one may see."""
