package io.millrace.topology.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Default, range and description of one configuration key, on the record component it fills. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Setting {

  /** One line, for people. */
  String value();

  /** As it would be written in the file. */
  String otherwise() default "";

  /** The key has no default. */
  boolean required() default false;

  /** The least value of a number. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The greatest value of a number. */
  double max() default Double.POSITIVE_INFINITY;
}
