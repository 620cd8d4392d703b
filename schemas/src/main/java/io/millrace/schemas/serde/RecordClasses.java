package io.millrace.schemas.serde;

import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** Finds the generated class of a record by its name. */
final class RecordClasses {

  private RecordClasses() {}

  /** Empty where there is no such class, or it is no generated record. */
  static Optional<Class<? extends SpecificRecord>> find(String name) {
    for (var loader :
        new ClassLoader[] {
          Thread.currentThread().getContextClassLoader(), RecordClasses.class.getClassLoader()
        }) {
      try {
        // Not initialized: the name may come from a schema that somebody else registered.
        var type = Class.forName(name, false, loader);
        return SpecificRecord.class.isAssignableFrom(type)
            ? Optional.of(type.asSubclass(SpecificRecord.class))
            : Optional.empty();
      } catch (ClassNotFoundException | LinkageError absentHere) {
        // The next loader may have it.
      }
    }
    return Optional.empty();
  }
}
