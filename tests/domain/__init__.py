"""Tests of the rules of selling."""
