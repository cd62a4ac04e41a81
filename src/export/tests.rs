//! Text in, text out: what stands in each file for one small plant.

use super::*;
use crate::model::fixture;

const PLANT: &str = r#"
    component Filler 1.0 {
        struct Limits (low R4, high R4)
        struct Recipe (number UI2, name BSTR, limits Limits, steps I2[2])
        ldev Fill
        rtauto Main
        in start BOOL = false
        in speed R4 = 0 min 0 max 1200 unit "1/h"
        in recipe Recipe
        out volumes R8[2 3] unit ml
        rtauto Rinse
        hmi on BOOL
    }
    component Gateway 1.0 proxy { out ok BOOL }
    component Drive 1.0 profibusSlave { in on BOOL = false; hmi serial BSTR }
    project "Small plant"
    Filler1: Filler @192.168.0.12
    Gate1: Gateway @192.168.0.1
    Drive1: Drive behind Gate1 address 5
    Lost: Drive
    Gate1.ok -> Filler1.start cyclic 8 sub true
    Filler1.speed = 600
"#;

fn file(format: Format, template: Option<&str>) -> TagFile {
    let template = template.map(|text| Template::parse(text).unwrap());
    let options = Options { template: template.as_ref(), ..Options::default() };
    export(&fixture::plan(PLANT), format, &options).unwrap()
}

/// The text with its line ends visible.
fn lines(text: &str) -> String {
    text.replace("\r\n", "␍\n").replace('\t', "→").replace('\u{feff}', "[BOM]")
}

#[test]
fn plain_csv() {
    insta::assert_snapshot!(lines(&file(Format::Csv, None).text), @r#"
path,device,server,ip,ldev,rtauto,port,item,type,vartype,dims,members,direction,access,unit,unit_code,min,max,default,fixed,description,enumeration,constant,fed_by,qos,substitute␍
Drive1.Drive.Main.on,Drive1,Gate1,192.168.0.1,Drive1_Drive,Main,on,Main.on,BOOL,11,,,In,RW,,,,,false,false,,,,,,␍
Drive1.Drive.Main.serial,Drive1,Gate1,192.168.0.1,Drive1_Drive,Main,serial,Main.serial,BSTR,8,,,HMI,RW,,,,,,false,,,,,,␍
Filler1.Fill.Main.start,Filler1,Filler1,192.168.0.12,Fill,Main,start,Main.start,BOOL,11,,,In,RW,,,,,false,false,,,,Gate1.Gateway.Main.ok,cyclic 8 ms,true␍
Filler1.Fill.Main.speed,Filler1,Filler1,192.168.0.12,Fill,Main,speed,Main.speed,R4,4,,,In,RW,1/h,,0,1200,0,false,,,600,,,␍
Filler1.Fill.Main.recipe,Filler1,Filler1,192.168.0.12,Fill,Main,recipe,Main.recipe,Recipe,8204,,number UI2; name BSTR; limits Limits {low R4; high R4}; steps I2[2],In,RW,,,,,,false,,,,,,␍
Filler1.Fill.Main.volumes,Filler1,Filler1,192.168.0.12,Fill,Main,volumes,Main.volumes,R8[2 3],8197,2 3,,Out,R,ml,,,,,false,,,,,,␍
Filler1.Fill.Rinse.on,Filler1,Filler1,192.168.0.12,Fill,Rinse,on,Rinse.on,BOOL,11,,,HMI,RW,,,,,,false,,,,,,␍
Gate1.Gateway.Main.ok,Gate1,Gate1,192.168.0.1,Gateway,Main,ok,Main.ok,BOOL,11,,,Out,R,,,,,,false,,,,,,␍
Lost.Drive.Main.on,Lost,,,Lost_Drive,Main,on,Main.on,BOOL,11,,,In,RW,,,,,false,false,,,,,,␍
Lost.Drive.Main.serial,Lost,,,Lost_Drive,Main,serial,Main.serial,BSTR,8,,,HMI,RW,,,,,,false,,,,,,␍
"#);
}

#[test]
fn json() {
    let options = Options {
        include: &|path| path.starts_with("Filler1.Fill.Main.re") || path.starts_with("Drive1"),
        ..Options::default()
    };
    let file = export(&fixture::plan(PLANT), Format::Json, &options).unwrap();
    insta::assert_snapshot!(file.text, @r#"
{
  "format": 1,
  "project": "Small plant",
  "language": "en",
  "tags": [
    {
      "path": "Drive1.Drive.Main.on",
      "device": "Drive1",
      "server": "Gate1",
      "ip": "192.168.0.1",
      "ldev": "Drive1_Drive",
      "rtauto": "Main",
      "port": "on",
      "item": "Main.on",
      "type": "BOOL",
      "vartype": 11,
      "dims": [],
      "members": [],
      "direction": "In",
      "access": "RW",
      "unit": "",
      "unit_code": "",
      "min": null,
      "max": null,
      "default": "false",
      "fixed": false,
      "description": "",
      "enumeration": [],
      "constant": null,
      "fed_by": []
    },
    {
      "path": "Drive1.Drive.Main.serial",
      "device": "Drive1",
      "server": "Gate1",
      "ip": "192.168.0.1",
      "ldev": "Drive1_Drive",
      "rtauto": "Main",
      "port": "serial",
      "item": "Main.serial",
      "type": "BSTR",
      "vartype": 8,
      "dims": [],
      "members": [],
      "direction": "HMI",
      "access": "RW",
      "unit": "",
      "unit_code": "",
      "min": null,
      "max": null,
      "default": null,
      "fixed": false,
      "description": "",
      "enumeration": [],
      "constant": null,
      "fed_by": []
    },
    {
      "path": "Filler1.Fill.Main.recipe",
      "device": "Filler1",
      "server": "Filler1",
      "ip": "192.168.0.12",
      "ldev": "Fill",
      "rtauto": "Main",
      "port": "recipe",
      "item": "Main.recipe",
      "type": "Recipe",
      "vartype": 8204,
      "dims": [],
      "members": [
        {
          "name": "number",
          "type": "UI2",
          "vartype": 18,
          "dims": [],
          "members": []
        },
        {
          "name": "name",
          "type": "BSTR",
          "vartype": 8,
          "dims": [],
          "members": []
        },
        {
          "name": "limits",
          "type": "Limits",
          "vartype": 8204,
          "dims": [],
          "members": [
            {
              "name": "low",
              "type": "R4",
              "vartype": 4,
              "dims": [],
              "members": []
            },
            {
              "name": "high",
              "type": "R4",
              "vartype": 4,
              "dims": [],
              "members": []
            }
          ]
        },
        {
          "name": "steps",
          "type": "I2[2]",
          "vartype": 8194,
          "dims": [
            2
          ],
          "members": []
        }
      ],
      "direction": "In",
      "access": "RW",
      "unit": "",
      "unit_code": "",
      "min": null,
      "max": null,
      "default": null,
      "fixed": false,
      "description": "",
      "enumeration": [],
      "constant": null,
      "fed_by": []
    }
  ]
}
"#);
}

#[test]
fn kepware() {
    insta::assert_snapshot!(lines(&file(Format::Kepware, None).text), @r#"
[BOM]Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value␍
"Drive1.Drive.Main.on","ns=1;s=Drive1.Drive.Main.on",Boolean,1,R/W,100,,,,,,,,,,"",␍
"Drive1.Drive.Main.serial","ns=1;s=Drive1.Drive.Main.serial",String,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.start","ns=1;s=Filler1.Fill.Main.start",Boolean,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.speed","ns=1;s=Filler1.Fill.Main.speed",Float,1,R/W,100,,,,,,,,,1/h,"",␍
"Filler1.Fill.Main.recipe.number","ns=1;s=Filler1.Fill.Main.recipe.number",Word,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.recipe.name","ns=1;s=Filler1.Fill.Main.recipe.name",String,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.recipe.limits.low","ns=1;s=Filler1.Fill.Main.recipe.limits.low",Float,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.recipe.limits.high","ns=1;s=Filler1.Fill.Main.recipe.limits.high",Float,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.recipe.steps","ns=1;s=Filler1.Fill.Main.recipe.steps",Short Array,1,R/W,100,,,,,,,,,,"",␍
"Filler1.Fill.Main.volumes","ns=1;s=Filler1.Fill.Main.volumes",Double Array,1,RO,100,,,,,,,,,ml,"",␍
"Filler1.Fill.Rinse.on","ns=1;s=Filler1.Fill.Rinse.on",Boolean,1,R/W,100,,,,,,,,,,"",␍
"Gate1.Gateway.Main.ok","ns=1;s=Gate1.Gateway.Main.ok",Boolean,1,RO,100,,,,,,,,,,"",␍
"Lost.Drive.Main.on","ns=1;s=Lost.Drive.Main.on",Boolean,1,R/W,100,,,,,,,,,,"",␍
"Lost.Drive.Main.serial","ns=1;s=Lost.Drive.Main.serial",String,1,R/W,100,,,,,,,,,,"",␍
"#);
}

#[test]
fn symbols() {
    insta::assert_snapshot!(lines(&file(Format::Symbols, None).text), @r#"
# Symbols for OPC clients, project Small plant␍
# UNVERIFIED SYNTAX: no source confirms the item strings of the SIMATIC NET server for PROFINET CBA; try one before you rely on all␍
# Template: PD:[{device}]{ldev}.{rtauto}.{property}␍
# Columns, with tabs between them: symbol, item, VARTYPE, access, unit, description␍
Drive1.Drive.Main.on→PD:[Gate1]Drive1_Drive.Main.on→11→RW→→␍
Drive1.Drive.Main.serial→PD:[Gate1]Drive1_Drive.Main.serial→8→RW→→␍
Filler1.Fill.Main.start→PD:[Filler1]Fill.Main.start→11→RW→→␍
Filler1.Fill.Main.speed→PD:[Filler1]Fill.Main.speed→4→RW→1/h→␍
Filler1.Fill.Main.recipe.number→PD:[Filler1]Fill.Main.recipe.number→18→RW→→␍
Filler1.Fill.Main.recipe.name→PD:[Filler1]Fill.Main.recipe.name→8→RW→→␍
Filler1.Fill.Main.recipe.limits.low→PD:[Filler1]Fill.Main.recipe.limits.low→4→RW→→␍
Filler1.Fill.Main.recipe.limits.high→PD:[Filler1]Fill.Main.recipe.limits.high→4→RW→→␍
Filler1.Fill.Main.recipe.steps→PD:[Filler1]Fill.Main.recipe.steps→8194→RW→→␍
Filler1.Fill.Main.recipe.steps[0]→PD:[Filler1]Fill.Main.recipe.steps[0]→2→RW→→␍
Filler1.Fill.Main.recipe.steps[1]→PD:[Filler1]Fill.Main.recipe.steps[1]→2→RW→→␍
Filler1.Fill.Main.volumes→PD:[Filler1]Fill.Main.volumes→8197→R→ml→␍
Filler1.Fill.Main.volumes[0,0]→PD:[Filler1]Fill.Main.volumes[0,0]→5→R→ml→␍
Filler1.Fill.Main.volumes[0,1]→PD:[Filler1]Fill.Main.volumes[0,1]→5→R→ml→␍
Filler1.Fill.Main.volumes[0,2]→PD:[Filler1]Fill.Main.volumes[0,2]→5→R→ml→␍
Filler1.Fill.Main.volumes[1,0]→PD:[Filler1]Fill.Main.volumes[1,0]→5→R→ml→␍
Filler1.Fill.Main.volumes[1,1]→PD:[Filler1]Fill.Main.volumes[1,1]→5→R→ml→␍
Filler1.Fill.Main.volumes[1,2]→PD:[Filler1]Fill.Main.volumes[1,2]→5→R→ml→␍
Filler1.Fill.Rinse.on→PD:[Filler1]Fill.Rinse.on→11→RW→→␍
Gate1.Gateway.Main.ok→PD:[Gate1]Gateway.Main.ok→11→R→→␍
Lost.Drive.Main.on→PD:[Lost]Lost_Drive.Main.on→11→RW→→␍
Lost.Drive.Main.serial→PD:[Lost]Lost_Drive.Main.serial→8→RW→→␍
"#);
}

#[test]
fn notes_say_what_is_missing() {
    let plan = fixture::plan(
        "
        component A 1.0 { hmi x I2 }
        component B 1.0 profibusSlave { hmi x I2 }
        
        One: A
        Two: B
        Three: !Gone 1.0
        Four: A @10.0.0.4",
    );
    let template = Template::parse("{ip}/{property}").unwrap();
    let options = Options { template: Some(&template), ..Options::default() };
    let file = export(&plan, Format::Kepware, &options).unwrap();
    let notes: Vec<String> = file.notes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(notes.join("\n"), @r#"
the component of Three is missing from the project; its variables are left out
One has no IP address yet; its tags have none either
Two has no proxy yet, so no server for its tags is known
2 tags share their item string with another; the template leaves out what tells them apart
"#);
    assert_eq!((file.n_variables, file.n_rows), (3, 3));
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = fixture::plan(PLANT);
    for format in [Format::Csv, Format::Json, Format::Kepware, Format::Symbols] {
        assert_eq!(
            export(&plan, format, &Options::default()),
            export(&fixture::plan(PLANT), format, &Options::default())
        );
    }
}

#[test]
fn an_absurd_array_stops_at_the_limit() {
    let plan = fixture::plan("component A 1.0 { out x I2[2000 2000] }\nOne: A");
    let error = export(&plan, Format::Symbols, &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at One.A.Main.x there are more than 1000000 tags already, structures and arrays taken apart"
    );
    assert_eq!(export(&plan, Format::Kepware, &Options::default()).unwrap().n_rows, 1);
}
