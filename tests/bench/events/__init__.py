"""The benchmark of events: each part measures something beside a floor of the same run; `__main__` prints them."""
