package io.millrace.schemas;

import org.apache.avro.specific.AvroGenerated;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Lets Avro make instances of generated classes.
 *
 * <p>Avro 1.12 refuses to make any class that a schema names unless it is trusted. Classes that
 * Avro generated only hold what was read, so they are, on top of what the system properties {@code
 * org.apache.avro.SERIALIZABLE_*} trust. The serdes do this by themselves; call {@link #trust()}
 * where events are built or copied before there is a serde.
 */
public final class GeneratedClasses {

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.isAnnotationPresent(AvroGenerated.class)));
  }

  private GeneratedClasses() {}

  /** Does its work once, however often it is called. */
  public static void trust() {
    // The static initializer did.
  }
}
