import Foundation

/// How far a long command is, on standard error: a bar that moves on a terminal, else a line for each tenth.
///
/// What the command prints meanwhile goes through ``line(_:)``, so that it does not meet the bar.
final class ProgressBar {
    private static let width = 30
    private static let interval = Duration.milliseconds(100)

    private let title: String
    private let isTerminal: Bool
    private let write: (String) -> Void
    private var lastTenth = 0
    private var lastDrawn: ContinuousClock.Instant?
    private var shown = ""

    /// - Parameters:
    ///   - title: What is being done, in a word or two.
    ///   - isTerminal: Whether standard error can be drawn on.
    convenience init(_ title: String) {
        self.init(title, isTerminal: isatty(STDERR_FILENO) == 1) { FileHandle.standardError.write(Data($0.utf8)) }
    }

    /// A bar that is drawn by `write`.
    init(_ title: String, isTerminal: Bool, write: @escaping (String) -> Void) {
        self.title = title
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Shows that `done` of `total` are done.
    func show(_ done: Int, of total: Int) {
        guard total > 0 else { return }
        let share = min(1, Double(done) / Double(total))
        guard isTerminal else {
            let tenth = Int(share * 10)
            if tenth > lastTenth { write("\(title): \(done) of \(total)\n") }
            lastTenth = max(tenth, lastTenth)
            return
        }
        if let lastDrawn, .now - lastDrawn < Self.interval, done < total { return }
        lastDrawn = .now
        let full = Int(share * Double(Self.width))
        shown =
            "\(title) [" + String(repeating: "#", count: full) + String(repeating: " ", count: Self.width - full)
            + "] \(Int(share * 100)) % \(done) of \(total)"
        write("\r\u{1B}[K" + shown)
    }

    /// Prints a line on standard output.
    func line(_ text: String) {
        if !shown.isEmpty { write("\r\u{1B}[K") }
        Output.line(text)
        if !shown.isEmpty { write(shown) }
    }

    /// Takes the bar away.
    func end() {
        if !shown.isEmpty { write("\r\u{1B}[K") }
        shown = ""
    }
}
