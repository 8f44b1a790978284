"""Xiepai 协拍: the software with which a district runs a short-drama-friendly city."""

__version__ = "0.1.0"
