import Synchronization

/// A value that several tasks share.
final class LockedBox<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) { stored = Mutex(value) }

    var value: Value {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }

    /// Changes the value in one step.
    func change(_ body: (inout Value) -> Void) { stored.withLock { body(&$0) } }
}
