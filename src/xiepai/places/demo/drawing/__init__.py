"""Drawn scenes for sample places, one for each category: what stands where no photograph may be invented."""
