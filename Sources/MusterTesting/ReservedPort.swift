import Foundation

/// A port on loopback where nobody listens, and which nobody else is given meanwhile.
package final class ReservedPort: Sendable {
    /// The port.
    package let number: Int
    private let descriptor: Int32

    /// Takes a port that is free.
    package init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Whoever listens there later binds it too.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        number = Int(UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
        guard isBound else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }
}
