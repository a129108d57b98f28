// MusterSQLite
