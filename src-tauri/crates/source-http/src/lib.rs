//! What every connector of an HTTP service needs: requests, retries, rate budgets, credentials that are renewed.
