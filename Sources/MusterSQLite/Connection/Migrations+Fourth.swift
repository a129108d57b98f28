extension Migrations {
    /// What the last attempt at a delivery did; few have a row. It goes with its delivery.
    static let fourth = """
        CREATE TABLE delivery_record (
            delivery INTEGER PRIMARY KEY REFERENCES delivery (number) ON DELETE CASCADE,
            record BLOB NOT NULL
        ) STRICT;
        """
}
