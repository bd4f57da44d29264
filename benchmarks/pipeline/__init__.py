"""The whole way of an article, from push to publication, measured beside what people would pick instead."""
