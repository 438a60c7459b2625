"""The parts of the Bitrix24 source; the source itself is sources/bitrix24.py."""
