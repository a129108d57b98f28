/// Which Muster this is.
public enum Release {
    /// The version, as the command, the description of the endpoints and requests to others tell it.
    public static let version = "0.1.0"
}
