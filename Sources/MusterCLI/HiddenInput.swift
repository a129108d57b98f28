import Foundation

/// Reads what nobody should see.
enum HiddenInput {
    /// A line from standard input; a terminal does not show it.
    /// - Returns: nil when nothing came.
    static func readLine(prompt: String) -> String? {
        let line: String?
        if isatty(STDIN_FILENO) == 1 {
            FileHandle.standardError.write(Data(prompt.utf8))
            var settings = termios()
            let isKnown = tcgetattr(STDIN_FILENO, &settings) == 0
            var hidden = settings
            hidden.c_lflag &= ~tcflag_t(ECHO)
            if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) }
            line = Swift.readLine()
            if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
            FileHandle.standardError.write(Data("\n".utf8))
        } else {
            line = Swift.readLine()
        }
        guard let line, !line.isEmpty else { return nil }
        return line
    }
}
