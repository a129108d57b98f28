import HTTPTypes
import Hummingbird

/// The id under which a request is found in the log, in its answer and in the events that it causes.
enum RequestIdentifier {
    /// The client's own id where it sent a sane one, so that its log and ours can be laid side by side; else a new one.
    static func text(for headers: HTTPFields) -> String {
        guard let sent = headers[.requestID], isSane(sent) else { return RequestID().description }
        return sent
    }

    /// Whether a text is 1 to 64 letters, digits, dots, underscores and dashes.
    static func isSane(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
