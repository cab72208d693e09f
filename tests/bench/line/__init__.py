"""The whole line as it is run, beside Scrapy with a pipeline that stores: CPU time a page, and memory."""
