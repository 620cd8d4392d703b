package io.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The arrows between modules are those of the design, and no module holds a cycle of packages. */
@AnalyzeClasses(packages = "io.millrace", importOptions = DoNotIncludeTests.class)
class ModuleArrowsTest {

  private static final String[] SCHEMAS = {"io.millrace.events..", "io.millrace.schemas.."};
  private static final String BATCHING = "io.millrace.batching..";
  private static final String RUNTIME = "io.millrace.runtime..";
  private static final String TOPOLOGY = "io.millrace.topology..";
  private static final String[] DEPLOY = {
    "io.millrace.cli..", "io.millrace.local..", "io.millrace.monitoring.."
  };

  @ArchTest
  static final ArchRule arrows_go_one_way =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.millrace..")
          .layer("schemas")
          .definedBy(SCHEMAS)
          .layer("batching")
          .definedBy(BATCHING)
          .layer("model-runtime")
          .definedBy(RUNTIME)
          .layer("topology")
          .definedBy(TOPOLOGY)
          .layer("deploy")
          .definedBy(DEPLOY)
          .whereLayer("schemas")
          .mayNotAccessAnyLayer()
          .whereLayer("batching")
          .mayNotAccessAnyLayer()
          .whereLayer("model-runtime")
          .mayOnlyAccessLayers("batching")
          .whereLayer("topology")
          .mayOnlyAccessLayers("schemas", "batching", "model-runtime")
          .whereLayer("deploy")
          .mayOnlyAccessLayers("schemas", "batching", "model-runtime", "topology")
          .ensureAllClassesAreContainedInArchitecture();

  @ArchTest
  static final ArchRule batching_is_pure_jdk =
      noClasses()
          .that()
          .resideInAPackage(BATCHING)
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("java..", "org.jspecify..", BATCHING);

  @ArchTest
  static final ArchRule models_know_nothing_of_kafka =
      noClasses()
          .that()
          .resideInAPackage(RUNTIME)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "kafka..", "org.apache.avro..");

  @ArchTest
  static final ArchRule only_models_know_of_onnx_and_tokenizers =
      noClasses()
          .that()
          .resideOutsideOfPackage(RUNTIME)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.onnxruntime..", "ai.djl..", "com.hubspot..");

  @ArchTest
  static final ArchRule only_deploy_knows_of_a_broker =
      noClasses()
          .that()
          .resideOutsideOfPackages(DEPLOY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("kafka..", "picocli..");

  @ArchTest
  static final ArchRule only_deploy_writes_to_standard_output =
      noClasses().that().resideOutsideOfPackages(DEPLOY).should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule modules_hold_no_cycles_of_packages =
      SlicesRuleDefinition.slices()
          .matching("io.millrace.(*).(*)..")
          .namingSlices("$1.$2")
          .should()
          .beFreeOfCycles();
}
