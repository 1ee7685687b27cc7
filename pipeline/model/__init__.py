"""Words of the domain: values only, no sockets, no clocks, nothing imported from above."""
