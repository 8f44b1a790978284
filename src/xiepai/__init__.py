"""Xiepai 协拍: the software with which a district runs a short-drama-friendly city."""

from os import environ

# Where lxml is installed, openpyxl reads workbooks with it instead of with defusedxml, and a workbook that declares
# entities is read instead of refused. It must be said before anybody imports openpyxl (nothing is read here).
environ.setdefault("OPENPYXL_LXML", "False")

__version__ = "0.1.0"
