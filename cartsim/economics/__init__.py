"""What it costs and earns: activity, prices, contracts, statements, cash, valuation."""
