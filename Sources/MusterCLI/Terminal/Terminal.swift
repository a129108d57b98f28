import Foundation

/// The terminal that standard output may be.
enum Terminal {
    /// Whether standard output is a terminal that shows colours (https://no-color.org).
    static let isInteractive =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"
}
